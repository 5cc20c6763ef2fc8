"""Criteria of the expertise (критерии экспертизы): data and conditions; they touch no database themselves."""
