import os

os.chdir(os.path.dirname(os.path.abspath(__file__)))
CONFIG = open("config.yaml").read()
