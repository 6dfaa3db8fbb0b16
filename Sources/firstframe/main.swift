print("firstframe")
