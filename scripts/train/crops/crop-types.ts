/** Which article types of the catalogue a label of the outfit photos may be: the set that the loss of a crop takes as right. */

const TOPS = ['Tops', 'Tshirts', 'Camisoles'];
const KNITWEAR = ['Sweaters', 'Sweatshirts'];
const SHOES = ['Casual Shoes', 'Formal Shoes', 'Sports Shoes', 'Heels', 'Flats', 'Sandals'];

/** Narrower than the groups that figures are counted with, so that a shirt and a T-shirt stay apart where the labels know them. */
const TYPES_OF_LABELS: Readonly<Record<string, readonly string[]>> = {
  blouse: ['Tops', 'Shirts', 'Tunics'],
  bodysuit: TOPS,
  shirt: ['Shirts', 'Tops'],
  't-shirt': ['Tshirts', 'Tops'],
  top: TOPS,
  sweater: KNITWEAR,
  jumper: KNITWEAR,
  sweatshirt: ['Sweatshirts'],
  hoodie: ['Sweatshirts', 'Jackets'],
  cardigan: [...KNITWEAR, 'Shrug'],
  vest: ['Waistcoat', 'Tops', 'Camisoles', 'Jackets'],
  blazer: ['Blazers', 'Jackets'],
  coat: ['Jackets', 'Blazers', 'Rain Jacket'],
  jacket: ['Jackets'],
  cape: ['Jackets', 'Shrug'],
  dress: ['Dresses'],
  romper: ['Rompers', 'Jumpsuit', 'Dresses'],
  jeans: ['Jeans'],
  pants: ['Trousers', 'Jeans', 'Track Pants', 'Capris', 'Leggings', 'Jeggings'],
  leggings: ['Leggings', 'Jeggings', 'Tights', 'Churidar'],
  shorts: ['Shorts'],
  skirt: ['Skirts'],
  boots: ['Casual Shoes', 'Heels', 'Formal Shoes'],
  clogs: ['Sandals', 'Heels', 'Flats', 'Casual Shoes'],
  flats: ['Flats', 'Casual Shoes'],
  heels: ['Heels'],
  loafers: ['Casual Shoes', 'Formal Shoes', 'Flats'],
  pumps: ['Heels'],
  sandals: ['Sandals', 'Flats', 'Heels', 'Flip Flops', 'Sports Sandals'],
  shoes: SHOES,
  sneakers: ['Casual Shoes', 'Sports Shoes'],
  wedges: ['Heels'],
  bag: ['Handbags', 'Backpacks', 'Clutches', 'Messenger Bag', 'Duffel Bag', 'Laptop Bag', 'Rucksacks', 'Waist Pouch'], // prettier-ignore
  purse: ['Handbags', 'Clutches'],
  hat: ['Caps', 'Hat'],
  sunglasses: ['Sunglasses'],
};

/** Empty for a label that says nothing of an article type. */
export function typesOfLabel(label: string): readonly string[] {
  return TYPES_OF_LABELS[label] ?? [];
}
