/** The style of the rendered chat. It approximates Telegram's bubbles, album mosaic, inline keyboard and spoilers. */
export const pageStyle = `
html { --wall: #cddcb8; --in: #fff; --out: #e3fee0; --ink: #0f1419; --soft: #707c86; --accent: #2481cc; --button: #5c7a4c99; }
html.dark { --wall: #0e1621; --in: #182533; --out: #2b5278; --ink: #f1f3f5; --soft: #8397a8; --accent: #6ab3f3; --button: #2b3b4c; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--wall); color: var(--ink); font: 15px/1.35 system-ui, 'DejaVu Sans', sans-serif; }
header { display: flex; gap: 10px; align-items: center; padding: 8px 14px; background: var(--in); }
header small { display: block; color: var(--soft); }
.avatar { width: 38px; height: 38px; border-radius: 50%; background: var(--accent); color: #fff; display: grid; place-items: center; font-weight: 600; }
main { display: flex; flex-direction: column; gap: 8px; padding: 14px; max-width: 640px; margin: 0 auto; }
section { max-width: 88%; width: fit-content; }
section.out { align-self: flex-end; }
article { border-radius: 14px; overflow: hidden; padding-bottom: 4px; position: relative; }
section.in article { background: var(--in); border-bottom-left-radius: 4px; }
section.out article { background: var(--out); border-bottom-right-radius: 4px; }
section.bare article { background: none; }
.name, .forward { display: block; padding: 6px 12px 0; color: var(--accent); }
.text { padding: 6px 12px 2px; white-space: pre-wrap; overflow-wrap: anywhere; }
.opened { font-size: 12px; color: var(--soft); font-style: italic; white-space: normal; }
.opened ol { margin: 2px 0; padding-left: 18px; font-style: normal; }
.text a { color: var(--accent); text-decoration: underline; }
.text code, .text pre { font-family: 'DejaVu Sans Mono', monospace; color: #b4552d; }
.text blockquote { margin: 2px 0; padding-left: 8px; border-left: 3px solid var(--accent); }
.hidden { background: #888; color: transparent; border-radius: 3px; }
.quote { margin: 6px 12px 0; padding: 2px 8px; border-left: 3px solid var(--accent); background: #2481cc18; border-radius: 4px; }
.quote b, .quote span { display: block; font-size: 13px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.quote b { color: var(--accent); }
.quote + .mosaic { margin-top: 6px; }
.file { padding: 8px 12px 0; }
time { display: block; text-align: right; padding: 0 10px; color: var(--soft); font-size: 11px; }
.mosaic { display: grid; gap: 2px; width: 430px; max-width: 100%; }
.mosaic.one { width: fit-content; }
.mosaic.pairs { grid-template-columns: 1fr 1fr; }
.mosaic.many { grid-template-columns: repeat(6, 1fr); }
.mosaic.many figure { grid-column: span 2; height: 150px; }
.mosaic.many figure:nth-child(-n+2) { grid-column: span 3; height: 215px; }
.mosaic.pairs figure { height: 215px; }
figure { margin: 0; overflow: hidden; position: relative; background: #8882; }
figure img { display: block; width: 100%; height: 100%; object-fit: cover; }
.mosaic.one img { max-width: 320px; max-height: 380px; width: auto; }
.bare .mosaic.one img { max-width: 180px; }
figure.spoiler img { filter: blur(24px) brightness(0.9); transform: scale(1.2); }
figure.spoiler::after { content: ''; position: absolute; inset: 0; background: radial-gradient(#fff9 1px, transparent 1.6px) 0 0 / 9px 9px; }
.reaction { margin: 4px 0 0 12px; padding: 1px 8px; border-radius: 12px; background: #2481cc22; display: inline-block; }
nav { margin-top: 3px; display: grid; gap: 3px; }
nav div { display: flex; gap: 3px; }
nav span { flex: 1; text-align: center; padding: 8px 4px; border-radius: 8px; background: var(--button); color: #fff; font-size: 14px; position: relative; }
nav sup { position: absolute; top: 2px; right: 5px; font-size: 9px; }
.service { align-self: center; margin: 0; padding: 2px 12px; border-radius: 12px; background: #0005; color: #fff; font-size: 13px; }
`;
