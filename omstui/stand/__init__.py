"""The stand (стенд): plays ТФОМС and the insurers for training and tests, from files only."""
