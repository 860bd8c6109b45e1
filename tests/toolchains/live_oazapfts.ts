// oazapfts: submit, poll, read an image through the functions made from the document that the sandbox serves.
import { createGeneration, defaults, getBatch, getImage, getModel, listImages, listModels } from "./made";
import { assert, pause, readPicture, settings } from "./live";

assert(defaults.baseUrl === settings.url, `the first server is ${defaults.baseUrl}`);
defaults.headers = { authorization: `Bearer ${settings.key}` };
defaults.fetch = (url, init) => {
  assert(String(url).startsWith(`${settings.url}/`), `a request to ${url}`);
  return fetch(url, init);
};

async function main(): Promise<void> {
  const models = await listModels();
  assert(models.status === 200 && models.data.models.length > 0, "no models");
  const submitted = await createGeneration({ prompt: "A lighthouse", quality: "hd" });
  assert(submitted.status === 200, "no answer to the submission");
  const { batchId } = submitted.data;
  for (;;) {
    const looked = await getBatch(batchId);
    assert(looked.status === 200, "no answer about the batch");
    const { status, images } = looked.data;
    if (status === "processing") {
      await pause();
      continue;
    }
    assert(status === "complete" && images[0]?.url, `the batch is ${status}`);
    await readPicture(images[0].url);
    const image = await getImage(images[0].imageId);
    assert(image.status === 200 && image.data.batchId === batchId, "the image is of another batch");
    break;
  }
  const page = await listImages({ limit: 1 });
  assert(page.status === 200 && page.data.images.length === 1, "the page has not one image");
  const refused = await getModel("none");
  assert(refused.status === 404 && refused.data.error.code === "not_found", "an unknown model is no error");
}

void main();
