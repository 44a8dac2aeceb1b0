import pytest
import torch

from genmodels.models.vae import LOG_VARIANCE_LIMIT, VAE
from genmodels.settings.vae import VAE_MODELS, VAE_PRESETS, VaeSettings


def model_of(name: str, shape: tuple[int, int] = (28, 28), classes: int | None = None, **more: object) -> VAE:
    torch.manual_seed(1)
    settings = VaeSettings(
        model=name, latent_size=5, hidden_size=11, channels=3, conditional=classes is not None, **more
    )
    return VAE.from_settings(settings, shape, classes)


@pytest.mark.parametrize("shape", [(28, 28), (7, 9), (4, 5), (27, 30)])
@pytest.mark.parametrize("name", VAE_MODELS)
def test_images_of_any_size_come_back_in_their_size(name: str, shape: tuple[int, int]) -> None:
    model = model_of(name, shape)
    mean, log_variance = model.encode(torch.rand(6, *shape))
    assert mean.shape == log_variance.shape == (6, 5)
    assert model.decode(mean).shape == (6, *shape)


@pytest.mark.parametrize("name", VAE_MODELS)
def test_the_class_reaches_encoder_and_decoder_of_a_conditional_model(name: str) -> None:
    model = model_of(name, classes=3)
    x, z = torch.rand(2, 28, 28), torch.randn(2, 5)
    ones, twos = torch.tensor([1, 1]), torch.tensor([2, 2])
    assert not torch.equal(model.encode(x, ones)[0], model.encode(x, twos)[0])
    assert not torch.equal(model.decode(z, ones), model.decode(z, twos))


@pytest.mark.parametrize("name", VAE_MODELS)
def test_the_output_begins_at_the_mean_image(name: str) -> None:
    model, mean = model_of(name), torch.rand(28, 28)
    model.start_from_mean(mean)
    torch.testing.assert_close(model.pixel_bias.sigmoid().view(28, 28), mean.clamp(0.01, 0.99))
    for parameter in model.decoder.parameters():
        torch.nn.init.zeros_(parameter)
    torch.testing.assert_close(model.decode(torch.randn(1, 5)).sigmoid()[0], mean.clamp(0.01, 0.99))


def test_log_variances_stay_in_a_safe_range_and_keep_their_gradient() -> None:
    model = model_of("mlp")
    last = [m for m in model.encoder.modules() if isinstance(m, torch.nn.Linear)][-1]
    with torch.no_grad():
        last.bias.add_(30.0)
    _, log_variance = model.encode(torch.rand(3, 28, 28))
    assert log_variance.abs().max() <= LOG_VARIANCE_LIMIT
    log_variance.sum().backward()
    assert last.bias.grad is not None
    assert (last.bias.grad[5:] > 0).all()


def test_the_classic_preset_is_the_textbook_network() -> None:
    model = VAE.from_settings(VaeSettings(**VAE_PRESETS["classic"]), (28, 28), None)
    assert (
        sum(p.numel() for p in model.parameters()) == 784 * 400 + 400 + 400 * 40 + 40 + 20 * 400 + 400 + 400 * 784 + 784
    )
