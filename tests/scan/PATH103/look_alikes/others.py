"""Paths such as /home/maria/agent are found."""

APP = "/home/app/data"
SHARED = "/Users/Shared/models"
API = "/users/maria"
HOME = "/home/"
URL = "https://example.com/home/maria"


def answer(query):
    """/Users/maria/agent"""
    return "see /Users/somebody/agent"
