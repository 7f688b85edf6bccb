// Numbers as the pixels of a small canvas, which a picture then draws as large as it needs.
// Offers: ramp, diverging, blend, drawPixels. Put before the scripts that ask for it (views/components/assets.py).

/** 256 colours as pixels; `mix` gives red, green and blue of a level from 0 to 255. */
function colourTable(mix) {
  const pixels = new Uint32Array(256);
  const bytes = new Uint8Array(pixels.buffer);
  for (let level = 0; level < 256; level++) bytes.set([...mix(level), 255], 4 * level);
  return pixels;
}

/** The 256 colours on the way from one to another. */
function ramp(from, to) {
  return colourTable((level) => from.map((value, at) => value + ((to[at] - value) * level) / 255));
}

/** The 256 colours from the lowest number over zero, in the middle, to the highest. */
function diverging(low, zero, high) {
  return colourTable((level) => {
    const place = (level - 127.5) / 127.5;
    const end = place < 0 ? low : high;
    return zero.map((value, at) => value + (end[at] - value) * Math.abs(place));
  });
}

const blended = new Uint8ClampedArray([0, 0, 0, 255]);
const blendedPixel = new Uint32Array(blended.buffer);

/** The colour so far (from 0 to 1) on the way from one to another, as a pixel. */
function blend(from, to, share) {
  from.forEach((value, at) => { blended[at] = value + (to[at] - value) * share; });
  return blendedPixel[0];
}

/** Fill a canvas of across x down pixels in reading order; `pixelAt` gives the first `count` of them. */
function drawPixels(canvas, across, down, pixelAt, count = across * down) {
  if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
  const image = new ImageData(across, down);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < count; at++) pixels[at] = pixelAt(at);
  canvas.getContext("2d").putImageData(image, 0, 0);
}
