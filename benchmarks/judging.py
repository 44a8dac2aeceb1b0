"""judge-text's statistics: 100 kB of text beside 1 MB of training text.

    python benchmarks/judging.py corpus.txt

The last 10 % of the corpus are judged beside the first 90 %.
"""

import json
import platform
import sys
import time
from pathlib import Path

from genmodels.analysis.text_quality import judge

if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    border = int(len(text) * 0.9)
    begin = time.perf_counter()
    (quality,) = judge(text[:border], [text[border:]])
    row = {
        "benchmark": "judging",
        "command": "python benchmarks/judging.py tinyshakespeare.txt",
        "training_characters": border,
        "judged_characters": quality.characters,
        "seconds": round(time.perf_counter() - begin, 2),
        "wanted_at_most": 10,
        "longest_copy": quality.longest_copy.length if quality.longest_copy else 0,
        "cpu": platform.processor() or platform.machine(),
    }
    print(json.dumps(row))
