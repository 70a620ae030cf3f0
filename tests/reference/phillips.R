# Makes the figures of phillips.json: breaks of a regression with four coefficients that change.
# Run in this folder with R and the packages strucchange and jsonlite.
library(strucchange)
library(jsonlite)

data("PhillipsCurve")
uk <- window(PhillipsCurve, start = 1948)
bp <- breakpoints(dw ~ dp1 + du + u1, data = uk, h = 8)
table <- summary(bp)$RSS
write_json(digits = NA, auto_unbox = TRUE, path = "phillips.json", x = list(
  shortest = 8,
  rss = unname(table["RSS", ]), bic = unname(table["BIC", ]),
  partitions = lapply(1:3, function(m) breakpoints(bp, breaks = m)$breakpoints),
  params_2_breaks = unname(coef(bp, breaks = 2))
))
