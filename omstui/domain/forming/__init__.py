"""Forming of registries (формирование): reasons, prices, wording of the log, the report. No SQL here."""
