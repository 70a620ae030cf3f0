# Makes lmtest.json: residual tests of R's lmtest on the Investment data.
library(lmtest)
library(jsonlite)

data("Investment", package = "sandwich")
fit <- lm(RealInv ~ RealGNP + RealInt, data = Investment)
both <- function(test) unname(c(test$statistic, test$p.value))
write_json(
  list(
    bg1 = both(bgtest(fit, order = 1)), bg4 = both(bgtest(fit, order = 4)),
    bp = both(bptest(fit)), reset = both(resettest(fit))
  ),
  "lmtest.json", digits = NA
)
