"""Families of tasks, a room each: their files, their heads, their scores."""
