// openapi-typescript + openapi-fetch: submit, poll, read an image; the types are those that were made from openapi.json.
import createClient from "openapi-fetch";
import type { paths } from "./made";
import { assert, pause, readPicture, settings } from "./live";

const client = createClient<paths>({
  baseUrl: settings.url,
  headers: { authorization: `Bearer ${settings.key}` },
});

async function main(): Promise<void> {
  const submitted = await client.POST("/generate", { body: { prompt: "A lighthouse", quality: "hd" } });
  assert(submitted.data, "no answer to the submission");
  for (;;) {
    const looked = await client.GET("/batches/{batchId}", { params: { path: submitted.data } });
    assert(looked.data, "no answer about the batch");
    const { status, images } = looked.data;
    if (status === "processing") {
      await pause();
      continue;
    }
    assert(status === "complete" && images[0]?.url, `the batch is ${status}`);
    await readPicture(images[0].url);
    const image = await client.GET("/images/{imageId}", { params: { path: { imageId: images[0].imageId } } });
    assert(image.data?.batchId === submitted.data.batchId, "the image is of another batch");
    break;
  }
  const page = await client.GET("/images", { params: { query: { limit: 1 } } });
  assert(page.data?.images.length === 1, "the page has not one image");
  const refused = await client.GET("/models/{model}", { params: { path: { model: "none" } } });
  assert(refused.error?.error.code === "not_found", "an unknown model is not an error of the document");
}

void main();
