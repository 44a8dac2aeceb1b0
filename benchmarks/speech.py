"""The networks that listen: what they read of FSDD, of speakers and of real voices never heard, and how fast.

    python benchmarks/speech.py FSDD_FOLDER known [MINUTES [MODEL [SEEDS]]]    official split: alone, 1-8, 9-16 words
    python benchmarks/speech.py FSDD_FOLDER unseen [MINUTES [MODEL [SEEDS [FEATURES [SHARE]]]]]
                            each of six speakers, never heard before; with mfcc, with a share of synthesised utterances
    python benchmarks/speech.py FSDD_FOLDER voices [MINUTES [MODEL [SEEDS]]]   trained on synthesised voices
    python benchmarks/speech.py FSDD_FOLDER peer [MINUTES]                     the plain way: a BiLSTM with CTC
    python benchmarks/speech.py FSDD_FOLDER speed                              times real time, utterances/s

FSDD_FOLDER holds the 3,000 wav files. Three seeds each; the best epoch is chosen on training clips that were held out,
never on the test part. "alone" reads each test recording freely, "one" knows that it is one word, as a classifier does.
The recipe of the synthesised voices was adjusted while FSDD was looked at (what a network that heard only them read of
all its recordings, and mean spectrograms): "voices" is tuned on FSDD, not blind.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from machine import multiply_rate, report, tell

import genmodels

SEEDS = "1,2,3"
UTTERANCES = 250  # of each length
LENGTHS = range(1, 17)
TIMED = 10.0  # seconds
PARTS = {"alone": "alone", "one": "alone, known to be one", "1-8": "1-8 words", "9-16": "9-16 words"}


def parts_of(facts: dict, network: str) -> dict[str, dict[str, float]]:
    """Words wrong and utterances right of one network, by part."""
    rows = {row["part"]: row for row in facts["results"] if row["run"] == network}
    return {
        name: {measure: round(rows[part][measure], 5) for measure in ("word_error_rate", "sequence_accuracy")}
        for name, part in PARTS.items()
        if part in rows
    }


def known(fsdd: Path, folder: Path, minutes: str = "10", model: str = "tdnn", seeds: str = SEEDS) -> None:
    for seed in map(int, seeds.split(",")):
        run = genmodels.train_speech(fsdd, model=model, minutes=float(minutes), seed=seed, runs=folder, notice=tell)
        read = genmodels.compare_word_errors([run], lengths=LENGTHS, utterances=UTTERANCES)
        report(
            "speech",
            command=f"python benchmarks/speech.py FSDD_FOLDER known {minutes} {model}",
            model=model,
            seed=seed,
            minutes_taken=round(run.facts["seconds"] / 60, 1),
            steps=run.facts["step"],
            **parts_of(read.facts, read.facts["networks"][0]["run"]),
        )


def unseen(
    fsdd: Path,
    folder: Path,
    minutes: str = "5",
    model: str = "tdnn",
    seeds: str = SEEDS,
    features: str = "mel",
    share: str = "0",
) -> None:
    recipe = {"model": model, "features": features, "voices": float(share), "minutes": float(minutes)}
    for seed in map(int, seeds.split(",")):
        name = f"unseen-{features}-{share}-{seed}"
        table = genmodels.leave_one_out(fsdd, **recipe, seed=seed, runs=folder, name=name, notice=tell)
        report(
            "speech",
            command=f"python benchmarks/speech.py FSDD_FOLDER unseen {minutes} {model} {seed} {features} {share}",
            **recipe,
            seed=seed,
            speakers={
                row["speaker"]: {name: round(row[name], 4) for name in ("alone", "known", "word_error_rate")}
                for row in table.facts["speakers"]
            },
        )


def voices(fsdd: Path, folder: Path, minutes: str = "10", model: str = "tdnn", seeds: str = SEEDS) -> None:
    for seed in map(int, seeds.split(",")):
        run = genmodels.train_speech("voices", model=model, minutes=float(minutes), seed=seed, runs=folder, notice=tell)
        own = genmodels.compare_word_errors([run], lengths=[1], utterances=UTTERANCES)
        read = genmodels.compare_word_errors([run], lengths=LENGTHS, utterances=UTTERANCES, on=str(fsdd))
        network = read.facts["networks"][0]["run"]
        report(
            "speech",
            command=f"python benchmarks/speech.py FSDD_FOLDER voices {minutes} {model}",
            model=model,
            seed=seed,
            minutes_taken=round(run.facts["seconds"] / 60, 1),
            held_out_voices=parts_of(own.facts, own.facts["networks"][0]["run"]),
            fsdd_test=parts_of(read.facts, network),
            by_speaker={
                row["part"].removeprefix("speaker "): round(row["sequence_accuracy"], 4)
                for row in read.facts["results"]
                if row["part"].startswith("speaker ")
            },
        )


def peer(fsdd: Path, folder: Path, minutes: str = "5") -> None:
    """Padded batches of recordings, two convolutions, a BiLSTM, CTC, Adam: as tutorials do; nothing is varied."""
    del folder
    import torch
    from torch import nn

    from genmodels.analysis.reading import greedy
    from genmodels.data.sound.features import heard
    from genmodels.data.sound.sets.opening import open_words

    words = open_words(str(fsdd), tell)
    parts = [
        ([torch.from_numpy(heard(part.clip(i))) for i in range(len(part))], [part.said(i)[0] for i in range(len(part))])
        for part in (words.train, words.test)
    ]
    for seed in map(int, SEEDS.split(",")):
        torch.manual_seed(seed)
        front = nn.Sequential(
            nn.Conv1d(40, 64, 5, 2, 2), nn.ReLU(), nn.Conv1d(64, 64, 3, 2, 1), nn.ReLU(),
        )  # fmt: skip
        lstm, out = nn.LSTM(64, 64, bidirectional=True, batch_first=True), nn.Linear(128, 11)
        modules = nn.ModuleList([front, lstm, out])
        optimizer = torch.optim.Adam(modules.parameters(), 1e-3)

        def network(batch: list[torch.Tensor], layers: tuple = (front, lstm, out)) -> torch.Tensor:
            padded = nn.utils.rnn.pad_sequence(batch, batch_first=True)
            states = layers[0](padded.transpose(1, 2)).transpose(1, 2)
            return layers[2](layers[1](states)[0]).log_softmax(2)

        (train, labels), (test, truth) = parts
        begin, epochs = time.perf_counter(), 0
        while time.perf_counter() - begin < 60 * float(minutes):
            order = torch.randperm(len(train)).tolist()
            for first in range(0, len(order), 32):
                rows = order[first : first + 32]
                log_p = network([train[row] for row in rows])
                frames = torch.tensor([-(-len(train[row]) // 4) for row in rows])
                said = torch.tensor([[labels[row] + 1] for row in rows])
                ones = torch.ones(len(rows), dtype=torch.long)
                loss = nn.functional.ctc_loss(log_p.transpose(0, 1), said, frames, ones)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            epochs += 1
        with torch.no_grad():
            right = [greedy(network([x])[0].double().numpy()) == [y] for x, y in zip(test, truth, strict=True)]
        report(
            "speech",
            command=f"python benchmarks/speech.py FSDD_FOLDER peer {minutes}",
            model="plain BiLSTM",
            seed=seed,
            parameters=sum(p.numel() for p in modules.parameters()),
            epochs=epochs,
            alone={"sequence_accuracy": sum(right) / len(right)},
        )


def lstm_flop(x: tuple, w_in: tuple, w_state: tuple, *_: object, **__: object) -> int:
    """Of a fused LSTM layer, whose insides PyTorch's counter does not see: x is (T, B, inputs)."""
    return 2 * x[0] * x[1] * (w_in[0] * w_in[1] + w_state[0] * w_state[1])


def speed(fsdd: Path, folder: Path) -> None:
    """Training on all threads, then reading by NumPy on one core; FLOP counted by PyTorch."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.sets.opening import open_words
    from genmodels.families.speech.hearing import Source
    from genmodels.training.speech import prepare

    lstm = torch.ops.aten.mkldnn_rnn_layer, torch.ops.aten.mkldnn_rnn_layer_backward
    counted = {lstm[0]: lstm_flop, lstm[1]: lambda *shapes, **_: 2 * lstm_flop(*shapes)}
    words, rate, cores = open_words(str(fsdd), tell), multiply_rate(), os.sched_getaffinity(0)
    for model in ("tdnn", "tdnn-bilstm", "lstm"):
        settings = genmodels.SpeechSettings(model=model, device="cpu")
        task = prepare(settings, words)
        with FlopCounterMode(display=False, custom_mapping=counted) as counter:
            for step in range(1000, 1040):
                task.train_step(step, 1.0)
        flop = counter.get_total_flops() / (40 * settings.batch_size)
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < TIMED:
            task.train_step(1000 + count, 1.0)
            count += 1
        per_second = count * settings.batch_size / (time.perf_counter() - begin)
        run = genmodels.train_speech(fsdd, model=model, epochs=1, utterances=160, tested_utterances=8, runs=folder)
        samples = words.train.samples[: 120 * RATE]
        os.sched_setaffinity(0, {min(cores)})
        begin = time.perf_counter()
        run.transcribe(sources=[Source("two minutes", lambda samples=samples: iter([samples]))], decode="greedy")
        seconds = time.perf_counter() - begin
        os.sched_setaffinity(0, cores)
        report(
            "speech",
            command="python benchmarks/speech.py FSDD_FOLDER speed",
            model=model,
            utterances_per_second=round(per_second, 1),
            megaflop_per_utterance=round(flop / 1e6, 1),
            gigaflop_per_second=round(per_second * flop / 1e9, 1),
            multiply_gigaflop_per_second=round(rate, 1),
            read_times_real_time_on_one_core=round(120 / seconds),
        )


COMMANDS = {"known": known, "unseen": unseen, "voices": voices, "peer": peer, "speed": speed}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        COMMANDS[sys.argv[2]](Path(sys.argv[1]), Path(scratch), *sys.argv[3:])
