"""One of several processes that wait for trainings: each line on stdin is a case, its pieces and a folder."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path


def main(store: str) -> None:
    import torch
    import torch.distributed as dist

    rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=count, timeout=timedelta(seconds=60)
    )
    torch.set_num_threads(1)
    from several.trained import exactly, train_case

    for line in sys.stdin:
        asked = json.loads(line)
        with exactly(asked["case"]):
            train_case(asked["case"], Path(asked["folder"]), asked["name"], asked["pieces"], asked["epochs"])
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(sys.argv[1])
