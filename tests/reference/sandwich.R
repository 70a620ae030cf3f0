# Makes sandwich.json: HC, Newey-West and kernel covariances of R's sandwich on Nile and Investment.
# Run in this folder with R and the packages sandwich and jsonlite:  Rscript sandwich.R
library(sandwich)
library(jsonlite)

variants <- function(model) {
  found <- list(classical = vcov(model))
  for (kind in c("HC0", "HC1", "HC2", "HC3")) {
    found[[tolower(kind)]] <- vcovHC(model, type = kind)
  }
  for (lag in 0:6) for (prewhite in 0:1) for (adjust in c(FALSE, TRUE)) {
    name <- sprintf("newey-west lags=%d prewhite=%d adjust=%d", lag, prewhite, adjust)
    found[[name]] <- NeweyWest(model, lag = lag, prewhite = prewhite, adjust = adjust)
  }
  kernels <- list()
  bandwidths <- list(
    "newey-west-1994 bartlett prewhite=0" = bwNeweyWest(model, prewhite = 0),
    "newey-west-1994 bartlett prewhite=1" = bwNeweyWest(model),
    "newey-west-1994 quadratic-spectral prewhite=1" =
      bwNeweyWest(model, kernel = "Quadratic Spectral"),
    "andrews-1991 quadratic-spectral prewhite=0" = bwAndrews(model, prewhite = 0),
    "andrews-1991 quadratic-spectral prewhite=1" = bwAndrews(model),
    "andrews-1991 bartlett prewhite=0" = bwAndrews(model, kernel = "Bartlett", prewhite = 0)
  )
  for (kernel in c("Bartlett", "Parzen", "Quadratic Spectral")) {
    name <- tolower(gsub(" ", "-", kernel))
    for (pw in 0:1) {
      kernels[[sprintf("%s andrews prewhite=%d", name, pw)]] <-
        kernHAC(model, kernel = kernel, prewhite = pw)
    }
    kernels[[sprintf("%s given prewhite=0", name)]] <-
      kernHAC(model, kernel = kernel, bw = 4, prewhite = FALSE, adjust = FALSE)
  }
  list(
    params = unname(coef(model)),
    bandwidths = bandwidths,
    kernels = lapply(kernels, unname),
    automatic = lapply(c(0, 1), function(pw) unname(NeweyWest(model, prewhite = pw))),
    covariance = lapply(found, unname)
  )
}

data("Nile")
data("Investment", package = "sandwich")
t <- seq_along(Nile)
cases <- list(
  "nile-const" = variants(lm(Nile ~ 1)),
  "nile-trend" = variants(lm(as.numeric(Nile) ~ t)),
  "investment" = variants(lm(RealInv ~ RealGNP + RealInt, data = Investment))
)
write_json(cases, "sandwich.json", digits = NA, pretty = TRUE)
