class Found:
    def show(self):
        print("found")
