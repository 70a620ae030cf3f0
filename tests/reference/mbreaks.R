# Makes the numbers of mbreaks.json: Bai and Perron's tests by R's mbreaks 1.0.1.
library(mbreaks)

show <- function(y, data, ...) {
  print(dotest(y, data = data, eps1 = 0.15, ...)$ftest, digits = 16)
  print(doseqtests(y, data = data, eps1 = 0.15, ...)$supfl, digits = 16)
}
nile <- data.frame(flow = as.numeric(Nile))
for (options in list(c(0, 0), c(1, 0), c(1, 1))) {
  show("rate", real, robust = options[1], prewhit = options[2])
  show("flow", nile, robust = options[1], prewhit = options[2])
}
