// @hey-api/openapi-ts: submit, poll, read an image through the functions that were made from openapi.json.
import { createGeneration, getBatch, getImage, getModel, listImages } from "./made";
import { client } from "./made/client.gen";
import { assert, pause, readPicture, settings } from "./live";

client.setConfig({ baseUrl: settings.url, auth: settings.key });

async function main(): Promise<void> {
  const submitted = await createGeneration({ body: { prompt: "A lighthouse", quality: "hd" } });
  assert(submitted.data, "no answer to the submission");
  const path = { batchId: submitted.data.batchId };
  for (;;) {
    const looked = await getBatch({ path });
    assert(looked.data, "no answer about the batch");
    const { status, images } = looked.data;
    if (status === "processing") {
      await pause();
      continue;
    }
    assert(status === "complete" && images[0]?.url, `the batch is ${status}`);
    await readPicture(images[0].url);
    const image = await getImage({ path: { imageId: images[0].imageId } });
    assert(image.data?.batchId === path.batchId, "the image is of another batch");
    break;
  }
  const page = await listImages({ query: { limit: 1 } });
  assert(page.data?.images.length === 1, "the page has not one image");
  const refused = await getModel({ path: { model: "none" } });
  assert(refused.error?.error.code === "not_found", "an unknown model is not an error of the document");
}

void main();
