# Makes strucchange.json (without its data): breaks, tests and intervals of R's strucchange.
# Run in this folder with R and the packages strucchange, sandwich and jsonlite.
library(strucchange)
library(sandwich)
library(jsonlite)

kern <- function(x, ...) kernHAC(x, prewhite = 1, approx = "AR(1)", ...)
ends <- function(ci) unname(ci$confint[, c(1, 3), drop = FALSE])
outcome <- function(test) unname(c(test$statistic, test$p.value))

all_of <- function(formula, data, h, from, mosum) {
  n <- nrow(data)
  bp <- breakpoints(formula, data = data, h = h)
  stages <- lapply(1:5, function(m) breakpoints(bp, breaks = m))
  lwz <- function(m) AIC(breakpoints(bp, breaks = m), k = 0.299 * log(n)^2.1)
  fs <- Fstats(formula, data = data, from = from)
  each <- function(...) lapply(1:5, function(m) ends(confint(bp, breaks = m, ...)))
  list(
    rss = unname(summary(bp)$RSS["RSS", ]), bic = unname(summary(bp)$RSS["BIC", ]),
    aic = sapply(0:5, function(m) AIC(breakpoints(bp, breaks = m))), lwz = sapply(0:5, lwz),
    partitions = lapply(stages, function(stage) stage$breakpoints),
    f_statistics = as.numeric(fs$Fstats),
    tests = sapply(c("supF", "aveF", "expF"), function(type) outcome(sctest(fs, type = type))),
    fluctuation = list(
      "Rec-CUSUM" = outcome(sctest(efp(formula, data = data, type = "Rec-CUSUM"))),
      "OLS-CUSUM" = outcome(sctest(efp(formula, data = data, type = "OLS-CUSUM"))),
      "OLS-MOSUM" = outcome(sctest(efp(formula, data = data, type = "OLS-MOSUM", h = mosum)))
    ),
    intervals = list(
      "regime" = each(), "regime 0.90" = each(level = 0.9),
      "pooled" = each(het.reg = FALSE, het.err = FALSE), "hac-prewhitened" = each(vcov. = kern)
    )
  )
}

nile <- data.frame(y = as.numeric(Nile), t = seq_along(Nile))
data("RealInt")
deaths <- log10(UKDriverDeaths)
deaths <- cbind(deaths, stats::lag(deaths, k = -1), stats::lag(deaths, k = -12))
deaths <- as.data.frame(window(deaths, start = c(1970, 1), end = c(1984, 12)))
names(deaths) <- c("y", "lag1", "lag12")
write_json(digits = NA, auto_unbox = TRUE, path = "strucchange.json", x = list(cases = list(
  "nile-const" = all_of(y ~ 1, nile, 0.15, 0.15, 0.5),
  "nile-trend" = all_of(y ~ t, nile, 0.15, 0.15, 0.5),
  "real-interest" = all_of(y ~ 1, data.frame(y = as.numeric(RealInt)), 15, 0.15, 0.15),
  "seatbelt" = all_of(y ~ lag1 + lag12, deaths, 0.1, 0.1, 0.15)
)))
