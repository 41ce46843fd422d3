/** Colours and sizes that approximate Discord's dark theme. */

export const STYLE = `
* { box-sizing: border-box; margin: 0 }
body { background: #313338; color: #dbdee1; font: 16px/1.375 "gg sans", "Noto Sans", "DejaVu Sans", "Helvetica Neue", Arial, sans-serif; padding: 0 0 24px }
header { border-bottom: 1px solid #26272b; padding: 12px 16px; font-weight: 600; color: #f2f3f5; margin-bottom: 8px }
header::before { content: "# "; color: #80848e }
article { position: relative; padding: 6px 48px 6px 72px }
article.ephemeral { background: #5865f214; box-shadow: inset 2px 0 #5865f2 }
article.pinged { background: #f0b13214; box-shadow: inset 2px 0 #f0b132 }
.avatar { position: absolute; left: 16px; top: 10px; width: 40px; height: 40px; border-radius: 50%; background: #5865f2; color: #fff; text-align: center; line-height: 40px; font-weight: 600 }
.above { position: relative; font-size: 14px; color: #b5bac1; margin: 0 0 4px -36px; padding-left: 36px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.above::before { content: ""; position: absolute; left: 0; top: 8px; width: 30px; height: 10px; border: 2px solid #4e5058; border-right: 0; border-bottom: 0; border-radius: 6px 0 0 }
.above ~ .avatar { top: 34px }
.name { font-weight: 500; color: #f2f3f5 }
.app { background: #5865f2; color: #fff; font-size: 10px; font-weight: 600; border-radius: 3px; padding: 1px 5px; margin: 0 4px; vertical-align: 2px }
.time, .edited { color: #949ba4; font-size: 12px; margin-left: 4px }
a { color: #00a8fc; text-decoration: none }
.above .line, .above h1, .above h2, .above h3 { display: inline; font-size: 14px } .line { min-height: 4px; white-space: pre-wrap; overflow-wrap: anywhere }
h1 { font-size: 24px; margin: 8px 0 4px; color: #f2f3f5 } h2 { font-size: 20px; margin: 8px 0 4px; color: #f2f3f5 } h3 { font-size: 16px; margin: 8px 0 2px; color: #f2f3f5 }
.subtext { font-size: 13px; color: #949ba4 }
ul { padding-left: 20px } blockquote { border-left: 4px solid #4e5058; padding-left: 8px }
code { background: #2b2d31; border-radius: 3px; padding: 1px 4px; font: 14px monospace }
.mention { background: #5865f24d; color: #c9cdfb; border-radius: 3px; padding: 0 2px }
.hidden { background: #4e5058; color: transparent; border-radius: 3px }
.body > * + *, .container > * + *, .section .texts > * + * { margin-top: 8px }
.container { max-width: 600px; background: #2b2d31; border: 1px solid #3f4147; border-radius: 8px; padding: 16px; position: relative; overflow: hidden }
.container.accent::before { content: ""; position: absolute; inset: 0 auto 0 0; width: 4px; background: var(--accent) }
.section { max-width: 600px; display: flex; gap: 16px; justify-content: space-between } .section .texts { flex: 1 }
.thumb { width: 85px; height: 85px; object-fit: cover; border-radius: 8px }
hr { border: 0; border-top: 1px solid #3f4147; margin: 8px 0 } hr.wide { margin: 16px 0 } hr.bare { border-color: transparent }
.gallery { display: grid; grid-template-columns: repeat(6, 1fr); gap: 4px; max-width: 550px; border-radius: 8px; overflow: hidden }
.gallery figure { position: relative; overflow: hidden; background: #1e1f22; height: 180px }
.gallery img { width: 100%; height: 100%; object-fit: cover; display: block }
.gallery.one { display: block; width: fit-content } .gallery.one figure { height: auto } .gallery.one img { width: auto; height: auto; max-width: 550px; max-height: 350px }
.gallery .third { height: 178px } .gallery .half { height: 240px } .gallery .tall { grid-row: span 2; height: 360px }
.gallery .alt { position: absolute; left: 4px; bottom: 4px; background: #000c; color: #fff; font: 600 11px sans-serif; padding: 2px 5px; border-radius: 4px }
.spoiler img { filter: blur(36px) } .spoiler::after { content: "SPOILER"; position: absolute; inset: 0; margin: auto; width: 84px; height: 28px; line-height: 28px; text-align: center; border-radius: 14px; background: #0009; color: #fff; font-size: 13px; font-weight: 700 }
.container.spoiler > * { filter: blur(12px) }
.row { display: flex; flex-wrap: wrap; gap: 8px }
.button { border-radius: 8px; padding: 6px 14px; font-size: 14px; font-weight: 500; color: #fff; background: #4e5058 }
.button.s1 { background: #5865f2 } .button.s3 { background: #248046 } .button.s4 { background: #da373c } .button.off { opacity: .5 }
.select { background: #1e1f22; border: 1px solid #3f4147; border-radius: 8px; padding: 8px 12px; width: 400px; color: #949ba4; display: flex; justify-content: space-between }
.file { background: #2b2d31; border: 1px solid #3f4147; border-radius: 8px; padding: 12px 16px; max-width: 400px } .file small { color: #949ba4 }
.embed { max-width: 516px; background: #2b2d31; border-left: 4px solid var(--accent, #1e1f22); border-radius: 4px; padding: 8px 16px 16px 12px } .embed img { max-width: 100%; border-radius: 4px; margin-top: 12px }
.embed .title { font-weight: 600; color: #f2f3f5 }
.forward { border-left: 4px solid #4e5058; padding-left: 12px } .forward > small { color: #949ba4; font-style: italic }
.note { color: #949ba4; font-size: 13px; margin-top: 4px } .broken { color: #f23f42; padding: 8px }
`;
