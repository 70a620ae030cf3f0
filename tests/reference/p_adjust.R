# Makes p_adjust.json: p-values of Benjamini and Hochberg (1995), section 4.1, and adjusted by R.
p <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
       0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0)
row <- function(values) paste0("[", paste(sprintf("%.17g", values), collapse = ", "), "]")
rows <- c(
  pvalues = row(p),
  "holm" = row(p.adjust(p, "holm")),
  "benjamini-hochberg" = row(p.adjust(p, "BH")),
  "benjamini-yekutieli" = row(p.adjust(p, "BY"))
)
body <- paste(sprintf('  "%s": %s', names(rows), rows), collapse = ",\n")
writeLines(c("{", sprintf('  "r": "%s",', R.version.string), body, "}"), "p_adjust.json")
