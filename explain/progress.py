"""Word that long work goes on. Imported by the command line and the notebook's magic."""

import sys
import threading
import time


class Progress:
    """Tells on standard error that work goes on, if it takes longer than `after` seconds."""

    def __init__(self, words, after=2):
        self.words, self.pause, self.done = words, after, threading.Event()

    def __enter__(self):
        self.began = time.monotonic()
        self.thread = threading.Thread(target=self._tell, daemon=True)
        self.thread.start()

    def _tell(self):
        pause = self.pause
        while not self.done.wait(pause):
            print(f"explain: {self.words}, {time.monotonic() - self.began:.0f} s", file=sys.stderr, flush=True)
            pause = min(2 * pause, 30)

    def __exit__(self, *_error):
        self.done.set()
        self.thread.join()
