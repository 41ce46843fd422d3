// @ts-check
/**
 * A box of the person's own on a photo. With a mouse or a finger it is drawn across the photo and searched by on release;
 * "Mark a part" places one that is moved and sized first, by pointer or by keyboard.
 */

import { boxBetween, isTooSmall, movedBy, place, placeInWords, rounded, sizedBy } from './box-geometry.js';
import { announce } from './conversation.js';
import { element } from './dom.js';

/** @typedef {import('./api.js').Box} Box */
/** @typedef {'draw' | 'move' | 'size'} Drag */

/** A pointer that moves less than this many CSS pixels has clicked. */
const CLICK_PIXELS = 6;
/** What an arrow key moves, in parts of the photo. */
const STEP = 0.02;
/** @type {Box} */
const START = [0.3, 0.3, 0.7, 0.7];

/** @type {Record<string, [x: number, y: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLElement} surface lies over the whole photo, and nothing else.
 * @param {{ onMark: (box: Box) => void, onTooSmall: () => void, onModeChange: (marking: boolean) => void }} actions
 */
export function openBoxMarker(surface, { onMark, onTooSmall, onModeChange }) {
  let marking = false;
  /** @type {Box} */
  let box = START;
  /** @type {{ id: number, kind: Drag, from: { x: number, y: number }, startX: number, startY: number, was: Box, moved: boolean } | undefined} */
  let drag;

  const handle = element('span', { class: 'marker-handle', 'aria-hidden': 'true' });
  const marker = element(
    'div',
    {
      class: 'marker',
      role: 'application',
      tabindex: '0',
      hidden: true,
      'aria-label':
        'Part to search. Arrow keys move it, Shift with arrow keys changes its size, Enter searches, Escape cancels.',
    },
    handle,
  );
  surface.append(marker);

  /** @param {Box} next */
  const show = (next) => {
    box = next;
    place(marker, box);
  };
  /** @param {{ clientX: number, clientY: number }} event */
  const pointOf = ({ clientX, clientY }) => {
    const { left, top, width, height } = surface.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };

  surface.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const target = /** @type {Node} */ (event.target);
    /** @type {Drag} */
    const kind = !marking
      ? 'draw'
      : handle.contains(target)
        ? 'size'
        : marker.contains(target)
          ? 'move'
          : 'draw';
    const { pointerId: id, clientX: startX, clientY: startY } = event;
    drag = { id, kind, from: pointOf(event), startX, startY, was: box, moved: false };
  });
  surface.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drag?.id) return;
    if (!drag.moved) {
      if (Math.hypot(event.clientX - drag.startX, event.clientY - drag.startY) < CLICK_PIXELS) return;
      drag.moved = true;
      surface.setPointerCapture(drag.id);
      marker.hidden = false;
    }
    const to = pointOf(event);
    const [x, y] = [to.x - drag.from.x, to.y - drag.from.y];
    if (drag.kind === 'draw') show(boxBetween(drag.from, to));
    else show(drag.kind === 'move' ? movedBy(drag.was, x, y) : sizedBy(drag.was, x, y));
  });
  surface.addEventListener('pointerup', (event) => {
    if (event.pointerId !== drag?.id) return;
    const { kind, moved, was } = drag;
    drag = undefined;
    if (!moved) return;
    dropNextClick();
    if (kind !== 'draw') return;
    const drawn = box;
    if (isTooSmall(drawn)) {
      show(was);
      marker.hidden = !marking;
      onTooSmall();
    } else if (!marking) {
      marker.hidden = true;
      onMark(rounded(drawn));
    }
  });
  // The browser scrolls or zooms instead.
  surface.addEventListener('pointercancel', () => {
    if (drag?.moved) show(drag.was);
    drag = undefined;
    marker.hidden = !marking;
  });

  marker.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (arrow) {
      event.preventDefault();
      const [x, y] = [arrow[0] * STEP, arrow[1] * STEP];
      show(event.shiftKey ? sizedBy(box, x, y) : movedBy(box, x, y));
      describeSoon();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      finish();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      setMarking(false);
    }
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let describing;
  function describeSoon() {
    clearTimeout(describing);
    describing = setTimeout(() => announce(placeInWords(box)), 600);
  }

  /** A drag that began on a button of the photo is no press of that button. */
  function dropNextClick() {
    /** @param {Event} event */
    const drop = (event) => event.stopPropagation();
    surface.addEventListener('click', drop, { capture: true, once: true });
    setTimeout(() => surface.removeEventListener('click', drop, { capture: true }));
  }

  /** @param {boolean} wanted */
  function setMarking(wanted) {
    marking = wanted;
    clearTimeout(describing);
    marker.hidden = !marking;
    onModeChange(marking);
    if (!marking) return;
    show(START);
    marker.focus({ preventScroll: true });
  }

  function finish() {
    setMarking(false);
    onMark(rounded(box));
  }

  return {
    start: () => setMarking(true),
    cancel: () => setMarking(false),
    /** Searches by the box as it stands. */
    finish,
  };
}
