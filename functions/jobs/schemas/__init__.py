"""Shapes of the jobs endpoints by topic; bounds are the API's."""
