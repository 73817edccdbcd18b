"""The card on which a person labels: one description, its categories as switches, and the keys.

A component of its own and not Streamlit's buttons, for three reasons. A switch answers at once,
and what is sent is a whole answer with the place it is meant for, so that no key that was
pressed too early ends up in the next row. Enter can mean "save" wherever the focus is. And the
text reaches the browser only when it is asked for, and is set as text, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from afterword.ui.shared.exit import KEPT_AS

CARD: Final = "review_card"
TAB: Final = "review_tab"

_HTML: Final = '<div class="card"></div>'

_CSS: Final = """
.card, .part { display: grid; gap: .8rem; }
.card { font-family: var(--st-font); color: var(--st-text-color); }
.card * { box-sizing: border-box; }
p { margin: 0; }
.where { font-size: 1.25rem; font-weight: 600; }
.where small { font-size: .9rem; font-weight: 400; margin-left: .6rem; }
progress { width: 100%; height: .5rem; accent-color: var(--st-primary-color); }
.words {
  border: 1px solid var(--st-border-color); border-radius: .5rem; padding: 1rem;
  background: var(--st-secondary-background-color); min-height: 8.5rem; max-height: 55vh;
  overflow: auto; line-height: 1.6; font-size: 1.05rem;
}
.words p { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.hidden { position: relative; display: grid; place-items: center; overflow: hidden; }
.bars { position: absolute; inset: 1rem; display: grid; gap: .7rem; align-content: start;
  filter: blur(5px); }
.bars i { height: .9rem; border-radius: .3rem; background: var(--st-text-color); opacity: .3; }
.bars i:nth-child(2) { width: 94%; } .bars i:nth-child(3) { width: 97%; }
.bars i:nth-child(4) { width: 55%; }
.switches {
  display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
}
.acts { display: flex; gap: .6rem; flex-wrap: wrap; }
.acts .save { margin-left: auto; }
button {
  font: inherit; color: inherit; background: var(--st-background-color); cursor: pointer;
  border: 1px solid var(--st-text-color); border-radius: .5rem; padding: .6rem .9rem;
  min-height: 2.8rem; text-align: start; position: relative;
}
button[disabled] { opacity: .5; cursor: default; }
button[aria-pressed="true"], button.save {
  background: var(--st-primary-color); border-color: var(--st-primary-color); color: #fff;
}
button[aria-pressed="true"]::before { content: "\\2713\\00a0"; font-weight: 700; }
button.show { background: var(--st-background-color); }
button:focus-visible, .words:focus-visible, input:focus-visible {
  outline: 3px solid var(--st-link-color); outline-offset: 2px;
}
.where:focus { outline: none; }
kbd {
  font: 600 .8rem/1 monospace; border: 1px solid currentColor; border-radius: .25rem;
  padding: .1rem .3rem; margin-inline-start: .5rem;
}
.status { min-height: 1.5em; font-size: .95rem; }
.choices { display: flex; gap: .4rem 1.4rem; flex-wrap: wrap; font-size: .95rem; }
label { display: flex; gap: .5rem; align-items: center; min-height: 2rem; }
input { width: 1.15rem; height: 1.15rem; accent-color: var(--st-primary-color); }
.keys { font-size: .9rem; }
@media (max-width: 640px) {
  .switches { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  button { min-height: 3.4rem; font-size: 1.1rem; }
  .acts button { flex: 1 1 30%; text-align: center; }
  .acts .save { flex: 1 1 100%; order: -1; }
}
@media (hover: none) { kbd, .keys, .for-keys { display: none; } }
"""

_JS: Final = """
const cards = new WeakMap();

const make = (tag, set = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
};

const TYPED = 'textarea, select, [contenteditable=""], [contenteditable="true"], ' +
  'input:not([type=checkbox]):not([type=radio]):not([type=button])';
const PRESSED = 'a, button, input, summary, [role=button], [role=tab], [role=option], ' +
  '[role=combobox], [tabindex]:not([tabindex="-1"])';

class Card {
  constructor(root) {
    this.root = root;
    this.keys = true;
    this.place = null;
    // It stays while the rest is drawn anew: only then is it read aloud.
    this.status = make('p', { className: 'status', role: 'status' });
    this.top = make('div', { className: 'part' });
    this.bottom = make('div', { className: 'part' });
    root.replaceChildren(this.top, this.status, this.bottom);
    this.onKey = (event) => this.key(event);
    document.addEventListener('keydown', this.onKey);
  }

  close() { document.removeEventListener('keydown', this.onKey); }

  update(data, send) {
    const moved = data.place !== this.place || data.token !== this.token;
    const shown = data.text !== null;
    const showed = shown && (moved || !this.shown);
    this.data = data; this.send = send; this.busy = false;
    this.place = data.place; this.token = data.token; this.shown = shown;
    if (moved) {
      this.chosen = data.answer ? data.answer.slice() : data.categories.map(() => 0);
      // Nothing is not "none of them": that is an answer, and has to be given.
      this.none = Boolean(data.answer) && !data.answer.some(Boolean);
    }
    const focus = this.root.getRootNode().activeElement?.dataset?.name;
    this.draw();
    const again = focus && this.root.querySelector(`[data-name="${focus}"]`);
    if (showed && focus) this.root.querySelector('.words').focus();
    else if (again) again.focus();
    if (moved) this.say(data.words.said);
    else if (showed) this.say('');
  }

  say(words) { this.status.textContent = words; }

  button(name, label, key, act, set = {}) {
    const inside = key ? [label, make('kbd', { ariaHidden: 'true', textContent: key })] : [label];
    const button = make('button', { type: 'button', ...set }, ...inside);
    button.dataset.name = name;
    button.onclick = (event) => {
      // A mouse leaves the focus behind it, where Enter would press the button again.
      if (event.detail) button.blur();
      act();
    };
    return button;
  }

  draw() {
    const { data } = this;
    const { words } = data;
    const where = make('p', { className: 'where' }, words.where,
      make('small', { textContent: words.row }));
    const progress = make('progress', { max: data.total, value: data.done,
      ariaLabel: words.progress });
    const text = this.shown
      ? make('div', { className: 'words', tabIndex: 0, role: 'group', ariaLabel: words.text },
          make('p', { dir: 'auto', textContent: data.text }))
      : make('div', { className: 'words hidden' },
          make('div', { className: 'bars', ariaHidden: 'true' },
            ...[1, 2, 3, 4].map(() => make('i'))),
          this.button('show', words.show, words.show_key, () => this.step('reveal'),
            { className: 'show' }));
    const switches = make('div', { className: 'switches', role: 'group',
      ariaLabel: words.question });
    data.categories.forEach((category, place) => switches.append(this.button(
      `category-${place}`, category, place < 9 ? String(place + 1) : '',
      () => this.choose(place), { ariaPressed: String(Boolean(this.chosen[place])) })));
    switches.append(this.button('none', words.none, '0', () => this.choose(-1),
      { ariaPressed: String(this.none) }));
    const acts = make('div', { className: 'acts' },
      this.button('back', words.back, '\\u2190', () => this.step('back'),
        { disabled: data.place === 0 }),
      this.button('skip', words.skip, 'S', () => this.step('skip')),
      this.button('save', words.save, '\\u21b5', () => this.save(), { className: 'save' }));
    const keep = make('input', { type: 'checkbox', checked: data.keep });
    keep.dataset.name = 'keep';
    keep.onchange = () => this.step(keep.checked ? 'keep' : 'hide');
    const keys = make('input', { type: 'checkbox', checked: this.keys });
    keys.dataset.name = 'keys';
    keys.onchange = () => { this.keys = keys.checked; };
    this.top.replaceChildren(
      where, progress, text, make('p', { textContent: words.question }), switches, acts);
    this.bottom.replaceChildren(
      make('div', { className: 'choices' },
        make('label', {}, keep, words.keep),
        make('label', { className: 'for-keys' }, keys, words.use_keys)),
      make('p', { className: 'keys', textContent: words.keys }));
  }

  step(act, answer = null) {
    if (this.busy) return;
    this.busy = true;
    this.send({ place: this.place, act, answer });
  }

  choose(place) {
    if (!this.shown) { this.say(this.data.words.show_first); return; }
    if (place < 0) {
      this.none = !this.none;
      this.chosen = this.chosen.map(() => 0);
    } else {
      this.chosen[place] = this.chosen[place] ? 0 : 1;
      this.none = false;
    }
    for (const button of this.root.querySelectorAll('.switches button')) {
      const { name } = button.dataset;
      button.ariaPressed = String(name === 'none' ? this.none
        : Boolean(this.chosen[Number(name.split('-')[1])]));
    }
    this.say('');
  }

  save() {
    if (!this.shown) this.say(this.data.words.show_first);
    else if (!this.none && !this.chosen.some(Boolean)) this.say(this.data.words.choose_first);
    else this.step('save', this.chosen.map(Number));
  }

  key(event) {
    if (!this.keys || event.defaultPrevented || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const path = event.composedPath();
    const target = path[0] instanceof Element ? path[0] : document.body;
    if (target.matches(TYPED) || target.isContentEditable) return;
    if (document.querySelector('[role=dialog]')) return;
    const pressing = event.key === 'Enter' || event.key === ' ';
    // Whoever walks by Tab presses what has the focus.
    if (pressing && target.closest(PRESSED) && !target.matches('.words')) return;
    if (!path.includes(this.root) && target !== document.body && target.closest(PRESSED)) return;
    const key = event.key.toLowerCase();
    const place = '123456789'.indexOf(key);
    if (key.length === 1 && place >= 0 && place < this.data.categories.length) this.choose(place);
    else if (key === '0') this.choose(-1);
    else if (key === ' ') { if (!this.shown) this.step('reveal'); else return; }
    else if (key === 'enter') this.save();
    else if (key === 'backspace' || key === 'arrowleft') { if (this.place) this.step('back'); }
    else if (key === 'arrowright') this.step('next');
    else if (key === 's') this.step('skip');
    else return;
    event.preventDefault();
  }
}

export default function({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.card');
  try { sessionStorage.setItem('KEPT_AS', data.token); } catch { /* no memory, no return */ }
  let card = cards.get(root);
  if (!card) { card = new Card(root); cards.set(root, card); }
  card.update(data, (message) => setTriggerValue('step', message));
  return () => { card.close(); cards.delete(root); };
}
"""

_TAB_JS: Final = """
const asked = new Set();

export default function({ data, setTriggerValue }) {
  let kept = null;
  try {
    if (data.forget) sessionStorage.removeItem('KEPT_AS');
    else kept = sessionStorage.getItem('KEPT_AS');
  } catch { return; }
  if (!kept || asked.has(kept)) return;
  asked.add(kept);
  setTriggerValue('token', kept);
}
"""

_card = st.components.v2.component(CARD, html=_HTML, css=_CSS, js=_JS.replace("KEPT_AS", KEPT_AS))
_tab = st.components.v2.component(TAB, js=_TAB_JS.replace("KEPT_AS", KEPT_AS))


def ask(data: Mapping[str, Any]) -> None:
    """Show the card; what the reviewer does on it is there in the next run.

    Parameters
    ----------
    data : token, place, total, done, categories, answer, text (None while it is hidden), keep,
        turn (other than before, so that the card wakes up), and words.
    """
    _card(key=CARD, data=dict(data), on_step_change=_noticed)


def told() -> Any:
    """What the reviewer did last, once: place, act, answer; None if nothing."""
    return _triggered(CARD, "step")


def knock(*, forget: bool) -> None:
    """Ask the browser's tab for the token of a review that it knows, or make it forget it."""
    _tab(key=TAB, data={"forget": forget}, on_token_change=_noticed)


def token() -> Any:
    """The token that the browser's tab knows, once."""
    return _triggered(TAB, "token")


def _triggered(key: str, event: str) -> Any:
    state = st.session_state.get(key)
    return state.get(event) if state is not None else None


def _noticed() -> None:
    """Streamlit passes on only what somebody listens to; it is read where a fault is caught."""
