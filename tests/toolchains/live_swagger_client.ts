// swagger-client: loads the document from the sandbox; submits, polls and reads an image through what it made of it.
import SwaggerClient from "swagger-client";
import { assert, pause, readPicture, settings } from "./live";

async function main(): Promise<void> {
  const client = await SwaggerClient({
    url: `${settings.url}/openapi.json`,
    authorizations: { bearerAuth: settings.key },
    requestInterceptor: (request: { url: string }) => {
      assert(request.url.startsWith(`${settings.url}/`), `a request to ${request.url}`);
      return request;
    },
  });
  assert(client.errors.length === 0, `the document has errors: ${JSON.stringify(client.errors)}`);
  const { Batches, Generation, Images, Models } = client.apis;
  const models = await Models.list_models();
  assert(models.body.models.length > 0, "no models");
  const submitted = await Generation.create_generation({}, { requestBody: { prompt: "A lighthouse", quality: "hd" } });
  const batchId: string = submitted.body.batchId;
  for (;;) {
    const { status, images } = (await Batches.get_batch({ batchId })).body;
    if (status === "processing") {
      await pause();
      continue;
    }
    assert(status === "complete" && images[0]?.url, `the batch is ${status}`);
    await readPicture(images[0].url);
    const image = await Images.get_image({ imageId: images[0].imageId });
    assert(image.body.batchId === batchId, "the image is of another batch");
    break;
  }
  const page = await Images.list_images({ limit: 1 });
  assert(page.body.images.length === 1, "the page has not one image");
  const refused = await Models.get_model({ model: "none" }).catch((error: any) => error);
  assert(refused.status === 404 && refused.response.body.error.code === "not_found", "an unknown model is no error");
}

void main();
