import logging

import typer

logging.basicConfig(level=logging.INFO, filename="/tmp/tool.log")
app = typer.Typer()


@app.command()
def deploy(name: str):
    logging.info("deploys %s", name)
