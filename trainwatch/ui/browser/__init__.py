"""What the browser holds and does by itself, as Python sees it.

The scripts of assets/ merge what the server sends into stores, keep the time of the server, and write numbers and
times as people read them. A view in Python reads a store through a Var that carries a React hook, so what it shows
changes without a word to the server, and only the parts that show what has changed are drawn again:

    @part
    def gpu_card(gpu_id: rx.Var[int]) -> rx.Component:
        gpu = overview.gpu(gpu_id)                        # a typed row of a store
        return rx.el.article(
            rx.el.h3(gpu.name),                           # a value as it is
            rx.el.span(percent(gpu.utilization_percent)), # a value as people read it
            rx.cond(gpu.host, rx.el.span(gpu.host)),      # only where there is one
            rx.el.span(ago(gpu.sampled_at)),              # a value that the clock changes
        )

To show a new value: name it in the class of its row (`rows.py`), as `services/views.py` does, and use it in a view.

What to mind:

- A `part` (an `rx.memo`) is what React draws again; all hooks that its body uses belong to it, those in branches that
  are not shown too. What ticks is a part of its own, as `ago` is.
- The body of an `rx.foreach` may use no hook of its own: let it draw a part, which is given an id, and its `key`.
- What a store's value is picked by must return the same object as long as nothing has changed: no filtering there.
"""
