"""How fast is CocoMine beside a named peer, on the same machine and in the same run?"""
