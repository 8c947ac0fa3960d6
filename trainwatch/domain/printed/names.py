"""Names of metrics: made alike, and told from everything else that has a number behind it."""

import re
from functools import lru_cache

LONGEST = 100

_ALIKE = {"acc": "accuracy", "lr": "learning_rate", "ppl": "perplexity", "gnorm": "grad_norm"}
_FIRST = {"valid": "val", "validation": "val", "training": "train", "testing": "test", "evaluation": "eval"}
_EMPTY_FIRST = frozenset({"avg", "average", "mean", "running", "current", "total", "final", "lm"})
QUALIFIERS = frozenset({*_FIRST, *_FIRST.values(), *_EMPTY_FIRST, "dev", "best", "mean", "grad", "learning"})
"""Words that belong to the name when they stand before it: "Train Loss"."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURE = _words(
    "loss losses acc accuracy ppl perplexity f1 auc auroc rmse mse mae miou bleu wer psnr ssim logloss nll elbo "
    "reward bce crossentropy"
)
SURE_WORDS = tuple(sorted(_SURE))
_SETTING = _words(
    "weight weights scale fn func function type coef coeff coefficient factor ratio threshold name reduction every "
    "interval limit target path file dir freq frequency patience delta mode steps epochs"
)
_NOISE = _words(
    "time times elapsed eta date timestamp ts duration sec secs seconds ms s min mins minutes h hours data_time "
    "iter_time batch_time step_time epoch_time runtime port pid rank local_rank world_size gpu gpus gpu_id device "
    "devices node version v v_num seed line size length len id run_id code status exit exit_code count num_workers "
    "workers memory mem max_mem gpu_mem vram ram cpu batch_size bs bsz total_flos num_tokens at in on of to the for "
    "epoch epochs step steps global_step iter iters iteration iterations batch batches it update num_updates "
    "current_step current_epoch total_steps total_epochs max_steps max_epochs num_epochs progress info debug "
    "warning error remaining eta_seconds"
)
_HYPER = _words(
    "batch_size weight_decay dropout seed num_workers hidden_size num_layers n_layers num_heads momentum warmup_steps "
    "warmup patience max_epochs epochs num_epochs n_epochs gamma beta beta1 beta2 label_smoothing eps epsilon "
    "learning_rate lr embed_dim hidden_dim max_length vocab_size max_steps clip grad_clip n_embd n_head "
    "block_size weight_decay temperature top_k top_p"
)
_ADDED_BY_TRAINERS = ("_runtime", "_per_second", "_flos", "_tokens_seen")
_TOKENS = re.compile(r"[_\-./@ ]+")
_MIXED_CASE = re.compile("[a-z][A-Z]")


@lru_cache(maxsize=4096)
def metric_name(printed: str) -> str | None:
    """Return the name under which the metric `printed` is kept, None if it is no metric (a time, a counter).

    "Loss" and "LOSS" are "loss", "Val Acc" is "val_accuracy", "lr" is "learning_rate"; see docs/printed.md.
    """
    name = "_".join(printed.replace(".", " ").split() if ". " in printed else printed.split())
    if not _MIXED_CASE.search(name):
        name = name.lower()
    words = [word for word in name.split("_") if word]
    while len(words) > 1 and words[0] in _EMPTY_FIRST:
        del words[0]
    if len(words) > 1:
        words[0] = _FIRST.get(words[0], words[0])
    name = "_".join(_ALIKE.get(word, word) for word in words)
    if not name or len(name) > LONGEST or name in _NOISE or name.endswith(_ADDED_BY_TRAINERS):
        return None
    return name


@lru_cache(maxsize=4096)
def is_sure(printed: str) -> bool:
    """Whether a number under this name is a metric whatever else the line says: "val_loss", not "loss_weight"."""
    words = [word for word in _TOKENS.split(printed.lower()) if word]
    if not words or _SETTING.intersection(words):
        return False
    return words[-1] in _SURE or words[-1].rstrip("0123456789") in _SURE or words[0] == "loss"


@lru_cache(maxsize=4096)
def is_setting(printed: str) -> bool:
    """Whether this is the name of something that is chosen before training: two of them make a list of arguments."""
    return printed.lower() in _HYPER
