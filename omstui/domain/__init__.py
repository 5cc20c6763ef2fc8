"""Rules and storage of the program; knows nothing of any screen."""
