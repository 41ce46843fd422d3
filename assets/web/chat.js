// @ts-check
/** The page: a message of the person becomes a turn of the conversation, and the server's answer the next one. */

import { getSimilar, sendPhoto, sendText } from './api.js';
import { announce, clear, listenToBot, note, photoBubble, say } from './conversation.js';
import { byId, element } from './dom.js';
import { galleryView } from './gallery-view.js';
import { summaryOf } from './gallery-words.js';
import { photoAnswer } from './photo-answer.js';
import { openPhotoInput, prepare } from './photo-input.js';
import { offerInventoryPanel } from './inventory-panel.js';
import { problemSummary, problemView } from './problem-view.js';

/** @typedef {import('./api.js').Item} Item */
/** @typedef {{ file: File, url: string }} Photo a photo and the object URL that shows it */

const message = byId('message', HTMLInputElement);
const clearButton = byId('clear', HTMLButtonElement);

const photoInput = openPhotoInput({
  onPhotos: (files, leftOut) => {
    const photos = files.map((file) => ({ file, url: URL.createObjectURL(file) }));
    begin(photoBubble(photos));
    if (leftOut.length > 0) {
      const names = leftOut.map(({ name }) => name).join(', ');
      note(`I look at four photos at a time. Left out: ${names}.`);
    }
    photos.forEach((photo, index) =>
      askForPhoto(photo, photos.length > 1 ? `Photo ${index + 1}` : undefined, index === 0),
    );
  },
  onNothing: note,
});

byId('composer', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const text = message.value.trim();
  message.value = '';
  if (text) askForText(text);
  else message.focus();
});
byId('help', HTMLButtonElement).addEventListener('click', () => askForText('/help'));
clearButton.addEventListener('click', () => {
  clear();
  clearButton.hidden = true;
  message.focus();
});
for (const sample of document.querySelectorAll('[data-sample]')) {
  sample.addEventListener('click', () => void askForSample(sample.getAttribute('data-sample') ?? ''));
}
void offerInventoryPanel();
if (/mac|iphone|ipad/i.test(navigator.platform)) {
  for (const key of document.querySelectorAll('[data-paste]')) key.textContent = '⌘ V';
}

/**
 * @param {Photo} photo
 * @param {string} [name] label of one of several photos.
 * @param {boolean} [follow] whether the page scrolls to the answer.
 */
function askForPhoto(photo, name, follow = true) {
  const view = photoAnswer(photo, { name, onSimilar: askForSimilar });
  const about = name ? `${name}. ` : '';
  answer({
    waiting: name ? `${name}: looking for similar items` : 'Looking for similar items',
    about,
    follow,
    beside: view.photo,
    chooseAnother: photoInput.choose,
    request: async (progress) => {
      const file = await prepare(photo.file);
      return sendPhoto(file, {
        onProgress: (share) => {
          // A fast upload is over before a number could be read.
          if (share < 1)
            progress(`${name ? `${name}: sending` : 'Sending'}, ${Math.round(share * 100)} %`, share);
          else progress(name ? `${name}: looking for similar items` : 'Looking for similar items');
        },
      });
    },
    draw: (gallery) => [view.show(gallery)],
    summary: summaryOf,
  });
}

/** @param {Item} item */
function askForSimilar(item) {
  const picture = element('img', { src: item.picture, alt: '' });
  begin(
    element(
      'div',
      { class: 'bubble echo' },
      picture,
      element('p', {}, 'More like ', element('em', {}, item.title)),
    ),
  );
  answer({
    waiting: 'Looking for similar items',
    request: () => getSimilar(item.id),
    draw: (gallery) => [
      galleryView(gallery, {
        heading: 'Closest items',
        again: (filter) => getSimilar(item.id, { filter }),
        onSimilar: askForSimilar,
      }),
    ],
    summary: summaryOf,
  });
}

/** @param {string} text */
function askForText(text) {
  begin(element('div', { class: 'bubble' }, element('p', {}, text)));
  answer({
    waiting: 'One moment',
    request: () => sendText(text),
    draw: ({ blocks }) => blocks.map(blockView),
    summary: ({ blocks }) =>
      blocks
        .map((block) => (block.kind === 'text' ? block.text : ''))
        .join(' ')
        .trim(),
  });
}

/** @param {string} name of a sample photo. */
async function askForSample(name) {
  const response = await fetch(`/samples/${name}.jpg`).catch(() => undefined);
  if (!response?.ok) {
    note('The sample photo cannot be loaded right now.');
    return;
  }
  const file = new File([await response.blob()], `${name}.jpg`, { type: 'image/jpeg' });
  const photo = { file, url: URL.createObjectURL(file) };
  begin(photoBubble([photo]));
  askForPhoto(photo);
}

// --- Internal helpers ---

/** Adds a turn of the person below the existing ones. @param {Node} content */
function begin(content) {
  say(content);
  clearButton.hidden = false;
}

/**
 * One turn of the bot, from waiting to the answer. A retry uses the same turn.
 * @template Answer
 * @param {{
 *   waiting: string,
 *   about?: string,
 *   follow?: boolean,
 *   beside?: Node,
 *   chooseAnother?: () => void,
 *   request: (progress: (text: string, share?: number) => void) => Promise<Answer>,
 *   draw: (answer: Answer) => Node[],
 *   summary: (answer: Answer) => string,
 * }} work
 */
function answer({ waiting, about = '', follow = true, beside, chooseAnother, request, draw, summary }) {
  const turn = listenToBot({ follow, beside });
  const attempt = async () => {
    const progress = turn.wait(waiting);
    announce(`${waiting}.`);
    try {
      const answered = await request(progress);
      turn.show('answer', ...draw(answered));
      announce(about + summary(answered));
    } catch (error) {
      turn.show(
        'problem',
        problemView(error, { retry: () => void attempt(), ...(chooseAnother && { chooseAnother }) }),
      );
      announce(about + problemSummary(error));
    }
  };
  void attempt();
}

/** @param {import('./api.js').Block} block */
function blockView(block) {
  switch (block.kind) {
    case 'text':
      return element('p', { class: 'text' }, block.text);
    case 'list':
      return element('ul', { class: 'list' }, ...block.items.map((item) => element('li', {}, item)));
    case 'facts':
      return element(
        'dl',
        { class: 'facts' },
        ...block.facts.map(({ name, value }) =>
          element('div', {}, element('dt', {}, name), element('dd', {}, value)),
        ),
      );
    case 'gallery': {
      const { gallery } = block;
      const again = () => Promise.resolve(gallery);
      return galleryView(gallery, { heading: 'Items', again, onSimilar: askForSimilar });
    }
  }
}
