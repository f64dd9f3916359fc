"""Runs tasks: claims them, drives their steps through the workflow engine, stores what they make."""
