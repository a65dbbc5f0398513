import asyncio
import subprocess


def binary(name):
    return subprocess.run(["which", name], capture_output=True, text=True).stdout


def revision(folder):
    asked = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True)
    version = subprocess.check_output(["ffmpeg", "-version"])
    return asked.stdout, version


async def run(program):
    process = await asyncio.create_subprocess_exec(program)
    try:
        await asyncio.wait_for(process.communicate(), 30)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
