import subprocess

subprocess.run(["hyperfine", "python app.py"], timeout=10)
