"""Speed of omstui against floors measured in the same run: ``python -m bench --cases N``."""
