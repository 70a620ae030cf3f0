# Makes poisson.json: quasi-Poisson trend of the Nile with R's glm and sandwich.
library(sandwich)
library(jsonlite)

t <- seq_along(Nile)
fit <- glm(as.numeric(Nile) ~ t, family = quasipoisson, control = glm.control(epsilon = 1e-14))
se <- function(type) unname(sqrt(diag(vcovHC(fit, type))))
write_json(
  list(
    params = unname(coef(fit)), hc0 = se("HC0"), hc1 = se("HC1"),
    deviance = deviance(fit), dispersion = summary(fit)$dispersion
  ),
  "poisson.json", digits = NA, auto_unbox = TRUE
)
