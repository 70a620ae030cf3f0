# Makes sandwich.json: HC and Newey-West covariances of R's sandwich on Nile and Investment.
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
  list(
    params = unname(coef(model)),
    bandwidth = c(bwNeweyWest(model, prewhite = 0), bwNeweyWest(model, prewhite = 1)),
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
