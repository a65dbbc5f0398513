import subprocess

COMMANDS = ["cd /home/gptbot", "python bot.py"]  # FOUND


def restart():
    subprocess.run("; ".join(COMMANDS), shell=True, check=True)
