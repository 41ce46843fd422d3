// @ts-check
/** A problem document for a person: what is wrong, what to do, and a retry button if a retry can help. */

import { ProblemError } from './api.js';
import { element, icon } from './dom.js';

/**
 * @param {unknown} error
 * @param {{ retry: () => void, chooseAnother?: () => void }} actions
 *   `retry` is offered for temporary problems, `chooseAnother` for problems of the photo itself.
 */
export function problemView(error, { retry, chooseAnother }) {
  if (!(error instanceof ProblemError)) throw error;
  const { title, detail, retryAfter } = error.problem;
  const action = error.passing
    ? retryButton(retry, retryAfter ?? 0)
    : chooseAnother &&
      element(
        'button',
        { class: 'button', type: 'button', onclick: chooseAnother },
        icon('photo'),
        'Choose another photo',
      );
  return element(
    'div',
    { class: 'problem-text' },
    element('p', { class: 'problem-title' }, icon('alert'), title),
    element('p', {}, detail),
    action,
  );
}

/** The same as one short sentence for screen readers. @param {unknown} error */
export function problemSummary(error) {
  return error instanceof ProblemError
    ? `${error.problem.title}. ${error.problem.detail}`
    : 'Something went wrong.';
}

// --- Internal helpers ---

/**
 * @param {() => void} retry
 * @param {number} seconds until the button is enabled.
 */
function retryButton(retry, seconds) {
  const words = element('span');
  const button = element('button', { class: 'button', type: 'button', onclick: retry }, icon('retry'), words);
  const count = () => {
    button.disabled = seconds > 0;
    words.textContent = seconds > 0 ? `Try again in ${seconds} s` : 'Try again';
    if (seconds-- > 0) setTimeout(count, 1000);
  };
  count();
  return button;
}
