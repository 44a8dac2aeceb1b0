"""What a network hears of many sounds at once: the twin of `features.py` in torch, and what only training does."""

import torch
from torch import Tensor

from genmodels.data.sound.features import (
    FLATTEST,
    FLOOR,
    HOP,
    SILENT,
    SPECTRUM,
    cosines,
    hann,
    mel_bank,
)

WARPS = 33  # filter banks between the widest warps


class LogMel:
    """Rows of features out of sounds of one length.

    Args:
        kind: "mel" or "mfcc".
        device: where the sounds are.
        widest: frequencies are warped by factors between 1 / `widest` and `widest`; 1 for never.
    """

    def __init__(self, kind: str, device: torch.device, widest: float = 1.0) -> None:
        self.kind, self.device = kind, device
        self.window = torch.tensor(hann(), dtype=torch.float32, device=device)
        self.cosines = torch.tensor(cosines(), dtype=torch.float32, device=device)
        factors = [widest ** (2 * i / (WARPS - 1) - 1) for i in range(WARPS)] if widest > 1 else [1.0]
        self.banks = torch.stack([torch.tensor(mel_bank(factor), dtype=torch.float32) for factor in factors]).to(device)

    def power(self, samples: Tensor, hop: int = HOP) -> Tensor:
        """Power of each frequency in each window.

        Args:
            samples: shape (B, N), full scale being 1.
            hop: samples from one window to the next; fewer make speech slower.

        Returns:
            Shape (B, T, 129).
        """
        spectra = torch.stft(samples, SPECTRUM, hop, window=self.window, center=False, return_complex=True)
        return (spectra.real.square() + spectra.imag.square()).transpose(1, 2)  # abs would take a root in between

    def rows(self, power: Tensor, bank: Tensor | None = None) -> Tensor:
        """What a network reads.

        Args:
            power: shape (B, T, 129).
            bank: which warped filter bank each sound gets, shape (B,); None: the plain one for all.

        Returns:
            Normalised for each sound, shape (B, T, 40), or (B, T, 13).
        """
        banks = self.banks[len(self.banks) // 2] if bank is None else self.banks[bank.to(self.device)]
        energy = power @ banks
        loudest = energy.amax(dim=(1, 2), keepdim=True)
        bands = (energy + (FLOOR * loudest + SILENT)).log()
        return _normalised(bands if self.kind == "mel" else bands @ self.cosines)


def _normalised(rows: Tensor) -> Tensor:
    centred = rows - rows.mean(dim=1, keepdim=True)
    return centred / centred.square().mean(dim=(1, 2), keepdim=True).sqrt().clamp(min=FLATTEST)
