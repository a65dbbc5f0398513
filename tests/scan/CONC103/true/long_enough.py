import time


class Desktop:
    async def click(self):
        time.sleep(0.25)  # FOUND

    async def drag(self, seconds):
        time.sleep(seconds)  # FOUND
