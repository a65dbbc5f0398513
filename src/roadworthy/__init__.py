"""Roadworthy tells you what will break when your agent leaves your laptop, by breaking it first."""

__version__ = "0.1.0"
