"""Training data (учебные данные): synthetic people and cases, written as the files of any МИС."""
