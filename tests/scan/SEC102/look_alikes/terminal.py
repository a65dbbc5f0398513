"""Commands that a person types into the agent."""

import subprocess

from prompt_toolkit import PromptSession


class Commands:
    def cmd_git(self, arguments):
        return subprocess.run("git " + arguments, shell=True, timeout=10)

    def loop(self):
        while text := PromptSession().prompt():
            getattr(self, f"cmd_{text.split()[0]}")(text)
