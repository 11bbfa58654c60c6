"""Declarations: services, their resources and operations, and the verbs that most of them are."""
