/** Which kinds of garments an article type belongs to, by the words that shops use for types. */

import type { GarmentKind } from './garment-kinds.ts';

/**
 * `'other'`: a product that is none of the kinds, such as a watch. Undefined: the words are not known here, or it is worn like
 * several kinds and is none of them, such as a saree. A type may belong to several kinds: some shops call a thick top a jacket.
 */
export type KindsOfType = readonly GarmentKind[] | 'other' | undefined;

/** @param type as the source of an item gives it, for example `Casual Shoes` or `Kleider`. */
export function kindsOfType(type: string): KindsOfType {
  const known = cache.get(type);
  if (known !== undefined || cache.has(type)) return known;
  const found = lookUp(type);
  if (cache.size >= MOST_CACHED) cache.clear();
  cache.set(type, found);
  return found;
}

/** Whether items of this type may be shown for a garment of this kind; undefined when the type is not known here. */
export function isOfKind(type: string, kind: GarmentKind): boolean | undefined {
  const kinds = kindsOfType(type);
  return kinds === undefined ? undefined : kinds !== 'other' && kinds.includes(kind);
}

// --- Internal helpers ---

const MOST_CACHED = 10_000;
const cache = new Map<string, KindsOfType>();

/**
 * The first line that matches decides, so narrower words come first. Languages: English, German, French, Spanish, Italian,
 * Portuguese, Dutch and Polish, as feeds of shops in these languages name their types.
 */
const WORDS: readonly (readonly [RegExp, KindsOfType])[] = [
  // Worn like garments of several kinds, but none of them.
  [/\b(swim\w*|bikinis?|lingerie|nightwear|night suits?|night ?dress(es)?|pyjamas?|pajamas?|lounge sets?|bath ?robes?|bademantel|sarees?|saris?|lehengas?|dupattas?|kurtas?|kurtis?|kurta sets|clothing sets?|tracksuits?|baby ?dolls?|robe)\b/, undefined],
  // Words that hold another kind's word.
  [/\b(dress shirts?|shirt ?jackets?|overshirts?)\b/, ['top']],
  [/\b(shoe|watch|bag|hat|shirt|trouser|dress|jewel\w*|phone|key)[- ](care|laces?|straps?|chains?|cases?|covers?|accessor\w*)\b/, 'other'],
  [/\b(underwear|innerwear( vests?)?|bras?|sports? bras?|briefs?|boxers?|trunks?|shapewear|camisole sets?|socks?|stockings?|travel accessor\w*|accessory gift sets?|umbrellas?|perfumes?|fragrances?|deodorants?|lipsticks?|lip \w+|nail \w+|makeup|belts?|ties?|cufflinks?|wallets?|watch(es)?|jewell?ery( sets?)?|earrings?|rings?|bracelets?|bangles?|necklaces?|pendants?|scar(f|ves)|stoles?|mufflers?|gloves?|suspenders|headbands?|mobile pouch(es)?|water bottles?|uhren|gürtel|krawatten?|schals?|handschuhe|schmuck|socken|ceintures?|montres?|écharpes?|gants|bijoux|chaussettes|relojes|cinturones|bufandas|guantes|calcetines)\b/, 'other'],
  // Kinds.
  [/\b(sun ?glasses|sunnies|sonnenbrillen?|lunettes de soleil|gafas de sol|occhiali da sole|oculos de sol|óculos de sol|zonnebrillen?|okulary przeciwsłoneczne)\b/, ['sunglasses']],
  [/\b(shoes?|sneakers?|trainers|boots?|booties|heels|flats|pumps|sandals?|flip[- ]?flops|loafers?|moccasins?|slippers?|clogs|wedges|footwear|schuhe?|\w*schuhe?|stiefel\w*|sandalen|chaussures?|baskets|bottes|bottines|sandales|zapat\w*|zapatillas|botas|sandalias|scarpe?|stivali|sandali|sapat\w*|tênis|schoenen|laarzen|buty|botki|sandały)\b/, ['shoes']],
  [/\b(hand ?bags?|bags?|backpacks?|rucksacks?|rucksack|clutch(es)?|totes?|satchels?|purses?|waist pouch(es)?|duffels?|\w*taschen?|rucksäcke|sacs?|sac à main|bolsos?|mochilas?|borse?|zain[io]|bolsas?|tassen|rugzak\w*|toreb\w*|plecaki?)\b/, ['bag']],
  [/\b(hats?|caps?|beanies?|berets?|fedoras?|hüte?|hut|mützen?|kappen?|chapeaux?|bonnets?|casquettes?|sombreros?|gorr[ao]s?|cappell[oi]|berretti?|chapéus?|bonés?|hoeden|petten|mutsen|czapki?|kapelusz\w*)\b/, ['hat']],
  [/\b(jumpsuits?|rompers?|playsuits?|overall)\b/, ['dress']],
  [/\b(tunics?|tuniken|tunique|tunika|túnicas?)\b/, ['top', 'dress']],
  [/\b(dress(es)?|gowns?|frocks?|sundress\w*|\w*kleid(er)?|robes?|vestidos?|vestit[oi]|abit[oi]|jurk(en)?|sukienk\w*)\b/, ['dress']],
  [/\b(skirts?|skorts?|\w*r(o|ö)cke?|jupes?|faldas?|gonn[ae]|saias?|rok(ken)?|spódnic\w*)\b/, ['skirt']],
  [/\b(shorts|bermudas?|pantalones cortos|pantaloncini|szorty|spodenki)\b/, ['shorts']],
  [/\b(jeans|trousers?|pants?|chinos?|leggings?|jeggings?|joggers?|capris?|tights|churidars?|patiala|salwar|\w*hosen?|pantalons?|pantalones|pantaloni|calças|broek(en)?|spodnie|legginsy)\b/, ['trousers']],
  [/\b(waistcoats?|vests?|gilets?|westen?|chalecos?|kamizelki?|shrugs?|cardigans?|sweaters?|sweatshirts?|jumpers?|pullovers?|hood(ie|y|ies)|knitwear|\w*pullover|strickjacken?|pulls?|sudaderas?|jers[eé]is?|maglion[ei]|felp[ae]|camisolas?|truien|vesten|swetry|bluzy)\b/, ['top', 'outerwear']],
  [/\b(blazers?|coats?|parkas?|trench\w*|capes?|ponchos?|outerwear|anoraks?|windbreakers?|sakkos?|\w*mäntel|\w*mantel|manteaux?|abrigos?|cappott[oi]|casacos?|płaszcze?|marynark\w*)\b/, ['outerwear']],
  [/\b(jackets?|\w*jacken?|vestes?|blousons?|chaquetas?|giacch[ae]|jaquetas?|jassen?|jas|kurtki?)\b/, ['outerwear', 'top']],
  [/\b(t-? ?shirts?|tees?|shirts?|tops?|blouses?|polos?|camisoles?|tank ?tops?|bodysuits?|bod(y|ies)|kurtas?|kurtis?|\w*shirts?|\w*hemd(en)?|\w*blusen?|oberteile?|chemises?|chemisiers?|hauts?|débardeurs?|camis[ae]s?|camisetas?|blusas?|maglie(tt[ae])?|magliett[ae]|camici[ae]|bluse|blusas?|koszul\w*|bluzk[ai]|topy)\b/, ['top']],
]; // prettier-ignore

function lookUp(type: string): KindsOfType {
  const text = type.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();
  return WORDS.find(([words]) => matches(words, text))?.[1];
}

/** `\b` of JavaScript knows ASCII letters only, so letters with accents are read as their bare ones too. */
function matches(words: RegExp, text: string): boolean {
  return words.test(text) || words.test(text.normalize('NFD').replace(/\p{M}/gu, ''));
}
