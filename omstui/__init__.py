"""omstui: registries of personal accounts under compulsory health insurance (ОМС)."""
