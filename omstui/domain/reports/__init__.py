"""Reports and papers of the month (отчёты, счета): definitions and queries; no drawing."""
