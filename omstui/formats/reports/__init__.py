"""Reports drawn as files (печать отчётов): PDF, XLSX, CSV, plain text; one entry in ``writing``."""
