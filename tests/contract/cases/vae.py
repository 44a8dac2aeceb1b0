"""The variational autoencoders."""

from contract.helpers import Case, Trained, small_images
from genmodels.training.vae import prepare
from homes import TINY_VAE

_SETTINGS = {
    "latent_size": 3, "hidden_size": 12, "layers": 1, "channels": 2, "batch_size": 8, "warmup_steps": 5,
    "average_weights": 0.9, "learning_rate": 0.02,
}  # fmt: skip
_CLASSES = {"conditional": True, "kl_warmup_steps": 7, "free_bits": 0.1}
_WEIGHTED = {"importance_samples": 4, "average_weights": 0.0, "learning_rate": 0.005}
CASES = [
    Case("vae", model, small_images, prepare, _SETTINGS | more, objective, overfitted=0.6, variant=variant)
    for model, variant, objective, more in (
        ("mlp", "", "elbo", {}),
        ("conv", "", "elbo", _CLASSES),
        ("mlp", "weighted", "importance_weighted_bound", _WEIGHTED),
    )
]
TRAINED = Trained(
    family="vae",
    home="vae",
    flags=("--dataset", "set.npz", *TINY_VAE, "--epochs", "2"),
    told=("conv with", "120 images of 10x12, binarize dynamic", "epoch 2/2", "images/s", "next: genmodels reconstruct",
          "next: genmodels plot-elbo", "next: genmodels sample-images"),
    splits=("train", "test"),
    samples=("png", "txt"),
    data={"name": "set", "images": [120, 30], "shape": [12, 10], "classes": ["0", "1", "2"]},
    best_by=("elbo", max),
    held_out=lambda result: result["test"],
    readers=("sample-images --epochs {} --count 4", "reconstruct --epochs {}", "plot-latent --epoch {}"),
    contradictions={
        "--latent-size 9": "--latent-size 9 contradicts the run, which has 4",
        "--preset classic": "--resume and --preset contradict each other",
        "--config c.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
    },
)  # fmt: skip
