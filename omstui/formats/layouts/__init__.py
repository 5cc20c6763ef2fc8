"""Field tables of the exchange formats."""
