// @ts-check
/** The ways a photo gets in: buttons, camera, drop anywhere, paste. */

import { byId } from './dom.js';

const MAX_PHOTOS = 4;
/** Photos of more bytes than this are scaled down first: no server takes them, and a phone line is slow. */
const SCALE_FROM_BYTES = 8_000_000;
/** Pixels of the longer side after scaling; far more than any model looks at. */
const SCALED_SIDE = 1600;
/** What the server reads; anything else is turned into JPEG where the browser can. */
const READABLE = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/**
 * @param {{ onPhotos: (photos: File[], leftOut: File[]) => void, onNothing: (why: string) => void }} handlers
 * @returns {{ choose: () => void }} `choose` opens the file picker.
 */
export function openPhotoInput({ onPhotos, onNothing }) {
  const inputs = {
    photo: byId('photo-input', HTMLInputElement),
    camera: byId('camera-input', HTMLInputElement),
  };

  /** @param {Iterable<File>} files */
  const take = (files) => {
    const all = [...files];
    if (all.length > 0) onPhotos(all.slice(0, MAX_PHOTOS), all.slice(MAX_PHOTOS));
  };

  for (const button of document.querySelectorAll('[data-pick]')) {
    const input = button.getAttribute('data-pick') === 'camera' ? inputs.camera : inputs.photo;
    button.addEventListener('click', () => input.click());
  }
  for (const input of Object.values(inputs)) {
    input.addEventListener('change', () => {
      take(input.files ?? []);
      // So that choosing the same file again fires `change` too.
      input.value = '';
    });
  }

  document.addEventListener('paste', (event) => {
    const files = event.clipboardData?.files ?? [];
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  });

  openDropTarget((data) => {
    if (data.files.length > 0) take(data.files);
    else onNothing('That was not a file. Save the picture first, or copy it and paste it here.');
  });

  return { choose: () => inputs.photo.click() };
}

/**
 * The photo in the form to send: unchanged, or as a smaller JPEG if it is huge or in a format that only this browser reads.
 * @param {File} photo
 * @returns {Promise<File>}
 */
export async function prepare(photo) {
  const fits = photo.size <= SCALE_FROM_BYTES && (photo.type === '' || READABLE.includes(photo.type));
  if (fits) return photo;
  try {
    const bitmap = await createImageBitmap(photo);
    const scale = Math.min(1, SCALED_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext('2d');
    if (!context) return photo;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
    return blob ? new File([blob], photo.name, { type: 'image/jpeg' }) : photo;
  } catch {
    // Not readable in this browser; the server says what is wrong with it.
    return photo;
  }
}

// --- Internal helpers ---

/** @param {(data: DataTransfer) => void} onDrop */
function openDropTarget(onDrop) {
  const target = byId('drop-target', HTMLElement);
  // Every element under the pointer fires its own enter and leave events.
  let depth = 0;
  const show = () => {
    target.hidden = depth <= 0;
  };

  window.addEventListener('dragenter', (event) => {
    if (!carriesSomething(event)) return;
    event.preventDefault();
    depth++;
    show();
  });
  window.addEventListener('dragover', (event) => {
    if (!carriesSomething(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  window.addEventListener('dragleave', (event) => {
    if (!carriesSomething(event)) return;
    depth--;
    show();
  });
  window.addEventListener('drop', (event) => {
    depth = 0;
    show();
    if (!carriesSomething(event)) return;
    event.preventDefault();
    if (event.dataTransfer) onDrop(event.dataTransfer);
  });
}

/** Files, or a link to a picture. Text dragged within the page is ignored. @param {DragEvent} event */
function carriesSomething(event) {
  const types = event.dataTransfer?.types ?? [];
  return types.includes('Files') || types.includes('text/uri-list');
}
